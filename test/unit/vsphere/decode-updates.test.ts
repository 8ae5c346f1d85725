import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeBody } from '#vsphere/decode-updates.ts';
import { disksOf } from '#vsphere/disks.ts';
import { listAt } from '#vsphere/value.ts';

const body = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><soapenv:Envelope xmlns:soapenv="e" xmlns:xsi="x"><soapenv:Header/>\n<soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>\n`;

test('types, references, lists and texts are decoded as the rest of the room knows them', () => {
  const { name, value } = decodeBody(
    body(
      `<R xmlns="urn:vim25"><returnval><version>1</version><obj type="VirtualMachine">vm-1</obj>
       <a xsi:type="xsd:boolean">true</a><b XMLSchema-instance:type='xsd:int'>7</b>
       <c xsi:type="VirtualMachinePowerState">poweredOn</c><d xsi:type="xsd:string"></d>
       <one><k>1</k></one><two><k>1</k></two><two><k>2</k></two>
       <list xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk"><key>2000</key></VirtualDevice></list>
       <refs xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">a/b@c</ManagedObjectReference></refs>
       <none xsi:type="ArrayOfString"/><typed xsi:type="DynamicData"/></returnval></R>`,
    ),
  );
  assert.equal(name, 'R');
  assert.deepEqual(value, {
    returnval: {
      version: '1',
      obj: { type: 'VirtualMachine', value: 'vm-1' },
      a: true,
      b: 7,
      c: 'poweredOn',
      d: '',
      one: { k: '1' },
      two: [{ k: '1' }, { k: '2' }],
      list: [{ $type: 'VirtualDisk', key: '2000' }],
      refs: [{ type: 'Datastore', value: 'a/b@c' }],
      none: [],
      typed: { $type: 'DynamicData' },
    },
  });
  assert.equal(listAt(value, 'returnval.one').length, 1);
});

test('hostile names are text and nothing else', () => {
  const texts: readonly [string, string][] = [
    ['&lt;b&gt; &amp;amp; &quot;&apos;', '<b> &amp; "\''],
    ['<![CDATA[<a>&amp;]]>', '<a>&amp;'],
    ['&#x1F4BE;&#28450;&#9;', '\u{1f4be}漢\t'],
    ['&unknown; &#x110000;', '&unknown; &#x110000;'],
    ['  kept  ', '  kept  '],
  ];
  for (const [written, read] of texts)
    assert.deepEqual(decodeBody(body(`<R><n>${written}</n></R>`)).value, { n: read });
  const { value } = decodeBody(body('<R><__proto__><x>1</x></__proto__><n>1</n></R>'));
  assert.equal(({} as { x?: unknown }).x, undefined);
  assert.deepEqual(Object.keys(value), ['__proto__', 'n']);
});

test('disks come out of it as out of the other decoder', () => {
  const { value } = decodeBody(
    body(
      `<R><device xsi:type="VirtualLsiLogicSASController"><key>1000</key><busNumber>1</busNumber><sharedBus>noSharing</sharedBus></device><device xsi:type="VirtualDisk"><key>2000</key><deviceInfo><label>Hard disk 1</label></deviceInfo><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[a] b.vmdk</fileName><datastore type="Datastore">ds-1</datastore><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing><controllerKey>1000</controllerKey><unitNumber>3</unitNumber><capacityInKB>8</capacityInKB><capacityInBytes>8192</capacityInBytes></device></R>`,
    ),
  );
  const [disk, ...others] = disksOf({ hardware: { device: listAt(value, 'device') } });
  assert.deepEqual(others, []);
  assert.equal(disk?.capacityBytes, 8192);
  assert.equal(disk?.backing.thin, true);
  assert.deepEqual(disk?.controller, {
    kind: 'lsilogic-sas',
    key: 1000,
    bus: 1,
    unit: 3,
    sharedBus: false,
  });
});

test('what is no XML, or breaks off, or is nested without end is refused', () => {
  const whole = body('<R><a x="1>2">t</a></R>');
  assert.deepEqual(decodeBody(whole).value, { a: 't' });
  for (let end = 0; end < whole.length - '</soapenv:Envelope>\n'.length; end += 7)
    assert.throws(() => decodeBody(whole.slice(0, end)), Error, whole.slice(0, end));
  for (const text of [
    'gone',
    '<html>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    body('<a></b>'),
    body(''),
    body('<a b=c></a>'),
    body(`${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}`),
  ])
    assert.throws(() => decodeBody(text), Error, text.slice(0, 60));
});
