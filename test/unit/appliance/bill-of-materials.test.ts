import assert from 'node:assert/strict';
import { test } from 'node:test';
import { billOfMaterials } from '#appliance/sbom/bill-of-materials.ts';

test('lists Debian and npm packages with package URLs, without those for development', () => {
  const bill = billOfMaterials('libstdc++6\t14.2.0-19\tamd64\nadduser\t1:3.1\tall\n', {
    version: '1.2.3',
    packages: {
      '': { version: '1.2.3' },
      'node_modules/koa': { version: '3.0.0', license: 'MIT' },
      'node_modules/koa/node_modules/@x/y': { version: '1.0.0' },
      'node_modules/typescript': { version: '7.0.0', dev: true },
    },
  });
  assert.equal(bill.metadata.component.version, '1.2.3');
  assert.deepEqual(
    bill.components.map(({ purl }) => purl),
    [
      'pkg:deb/debian/adduser@1%3A3.1?arch=all',
      'pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64',
      'pkg:npm/%40x/y@1.0.0',
      'pkg:npm/koa@3.0.0',
    ],
  );
  assert.deepEqual(bill.components[3]?.licenses, [{ expression: 'MIT' }]);
});
