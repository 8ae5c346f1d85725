import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRequest } from '#vsphere/encode.ts';
import type { VimObject } from '#vsphere/value.ts';

const vm = { type: 'VirtualMachine', value: 'vm-57' };

function reconfigure(spec: VimObject, apiVersion?: string): string {
  return encodeRequest('ReconfigVM_Task', { _this: vm, spec }, apiVersion);
}

function addController(device: VimObject): string {
  return reconfigure({ deviceChange: [{ operation: 'add', device }] });
}

test('fields go out in the order of the schema, whatever the order they came in', () => {
  const xml = addController({
    $type: 'ParaVirtualSCSIController',
    sharedBus: 'noSharing',
    busNumber: 1,
    key: -1,
    controllerKey: 100,
  });
  assert.match(
    xml,
    /<device xsi:type="ParaVirtualSCSIController"><key>-1<\/key><controllerKey>100<\/controllerKey><busNumber>1<\/busNumber><sharedBus>noSharing<\/sharedBus><\/device>/,
  );
  assert.ok(xml.startsWith('<ReconfigVM_Task xmlns="urn:vim25"'));
  assert.match(xml, /<_this type="VirtualMachine">vm-57<\/_this>/);
});

test('the declared type needs no xsi:type', () => {
  assert.match(
    reconfigure({ cpuAllocation: { shares: { shares: 1, level: 'custom' } } }),
    /<cpuAllocation><shares><shares>1</,
  );
});

test('text is always text', () => {
  const hostile = [
    '<![CDATA[x]]></annotation><numCPUs>64</numCPUs><annotation><![CDATA[y]]>',
    '</annotation>',
    '&lt;&amp;',
    'a\tb\r\nc "d" \'e\'',
    ']]>',
    '\u{1f4be} 漢字',
  ];
  for (const annotation of hostile) {
    const xml = reconfigure({ annotation });
    const content = /<annotation>(.*)<\/annotation>/s.exec(xml)![1]!;
    assert.doesNotMatch(content, /[<>"\t\r\n]/);
    const decoded = content
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
    assert.equal(decoded, annotation);
  }
});

test('characters that XML cannot carry are refused', () => {
  for (const bad of ['\u0000', 'a\u0001', '\u000b', '\ufffe', '\uffff', '\ud800', '\udc00x'])
    assert.throws(() => reconfigure({ annotation: bad }), /spec\.annotation holds a character/);
});

test('references are escaped like any text', () => {
  const xml = encodeRequest('Destroy_Task', { _this: { type: 'A"><x', value: '<b>&' } });
  assert.match(xml, /<_this type="A&quot;&gt;&lt;x">&lt;b&gt;&amp;<\/_this>/);
});

test('mistakes of ours are refused with the place', () => {
  const cases: readonly (readonly [() => string, RegExp])[] = [
    [() => encodeRequest('Nothing', {}), /Nothing is not an operation/],
    [() => encodeRequest('Destroy_Task', {}), /Destroy_Task\._this is missing/],
    [() => encodeRequest('Destroy_Task', { _this: 'vm-1' }), /must be a reference/],
    [() => reconfigure({ nmae: 'x' }), /spec\.nmae is unknown/],
    [() => reconfigure({ numCPUs: '2' }), /numCPUs must be of type int/],
    [() => reconfigure({ numCPUs: 1.5 }), /numCPUs must be of type int/],
    [() => reconfigure({ memoryMB: Number.MAX_SAFE_INTEGER + 1 }), /memoryMB must be of type long/],
    [() => reconfigure({ deviceChange: { operation: 'add' } }), /deviceChange must be a list/],
    [() => reconfigure({ name: ['a'] }), /name must not be a list/],
    [
      () => addController({ $type: 'OptionValue', key: 'a', value: 'b' }),
      /is no VirtualDevice: OptionValue/,
    ],
    [() => addController({ $type: 'VirtualDisk', key: 1 }), /capacityInKB is missing/],
  ];
  for (const [attempt, message] of cases)
    assert.throws(attempt, { code: 'invalid-input', message });
});

test('fields newer than the server are refused', () => {
  assert.match(reconfigure({ sevEnabled: true }, '8.0.3.0'), /<sevEnabled>true</);
  assert.throws(
    () => reconfigure({ sevEnabled: true }, '6.7'),
    /needs API 7\.0\.1, the server speaks 6\.7/,
  );
});

test('values of any type say what they are', () => {
  const option = (value: VimObject[string]): string =>
    /<value.*<\/value>/.exec(reconfigure({ extraConfig: [{ key: 'k', value }] }))![0];
  assert.equal(option('a<b'), '<value xsi:type="xsd:string">a&lt;b</value>');
  assert.equal(option(true), '<value xsi:type="xsd:boolean">true</value>');
  assert.equal(option(7), '<value xsi:type="xsd:int">7</value>');
  assert.equal(option(2 ** 40), '<value xsi:type="xsd:long">1099511627776</value>');
  assert.equal(
    option(vm),
    '<value xsi:type="ManagedObjectReference" type="VirtualMachine">vm-57</value>',
  );
  assert.throws(() => option({ $type: 'Nothing' }), /has no known type/);
});
