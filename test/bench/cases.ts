import type { BenchCase } from './context.ts';
import { ageCases } from './cases/age.ts';
import { catalogCases } from './cases/catalog.ts';
import { chainCases } from './cases/chain.ts';
import { incrementalCases } from './cases/incremental.ts';
import { inventoryCases } from './cases/inventory.ts';
import { memoryCases } from './cases/memory.ts';
import { nbdCases } from './cases/nbd.ts';
import { readCases } from './cases/read.ts';
import { restoreCases } from './cases/restore.ts';
import { writeCases } from './cases/write.ts';

export const benchCases: readonly BenchCase[] = [
  ...readCases,
  ...writeCases,
  ...restoreCases,
  ...incrementalCases,
  ...chainCases,
  ...memoryCases,
  ...inventoryCases,
  ...nbdCases,
  ...ageCases,
  ...catalogCases,
];
