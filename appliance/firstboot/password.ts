import { randomBytes, scrypt } from 'node:crypto';

const log2Cost = 15;
const blockSize = 8;
const parallelism = 1;
const hashBytes = 32;

/** scrypt in the PHC string format: `$scrypt$ln=15,r=8,p=1$salt$hash`, base64 without padding. */
export async function hashPassword(
  password: string,
  salt: Buffer = randomBytes(16),
): Promise<string> {
  const cost = 2 ** log2Cost;
  const options = { N: cost, r: blockSize, p: parallelism, maxmem: 256 * cost * blockSize };
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  return `$scrypt$ln=${log2Cost},r=${blockSize},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
