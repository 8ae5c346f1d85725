import { join } from 'node:path';

import { ageKey } from '#test/support/age-program.ts';

import type { BenchCase } from '../context.ts';
import { fromPair } from '../result.ts';
import { shellQuote } from '../shell-quote.ts';
import { timePair } from '../timing.ts';

const bytes = 2 * 1024 ** 3;

export const ageCases: readonly BenchCase[] = [
  {
    name: 'encrypt-vs-age',
    what: '2 GiB encrypted to one public key into nothing, against age',
    async run(context) {
      const { recipient } = await ageKey(join(context.scratch, 'age.key'));
      const ours = context.ours('age.ts', {
        image: context.image,
        recipient,
        bytes: String(bytes),
      });
      const image = shellQuote(context.image);
      const peer = `head -c ${bytes} ${image} | age -r ${recipient} >/dev/null`;
      const pair = await timePair(ours, peer, { rounds: context.rounds });
      return { 'encrypt-vs-age': fromPair(pair) };
    },
  },
];
