/** Prints the hash of the password on standard input, for the property admin_password_hash. */
import { text } from 'node:stream/consumers';
import { Secret } from '#core/secret.ts';
import { hashPassword } from '#service/auth/password.ts';

const password = (await text(process.stdin)).replace(/\r?\n$/, '');
if (password === '') {
  process.stderr.write('hash-password: type the password on standard input.\n');
  process.exitCode = 2;
} else process.stdout.write(`${await hashPassword(new Secret(password))}\n`);
