import { catalogPortContract } from '#test/contract/catalog-port.ts';
import { journalPortContract } from '#test/contract/journal-port.ts';

import { openTemporary } from './open-temporary.ts';

catalogPortContract('level', openTemporary);
journalPortContract('level', openTemporary);
