import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRequest } from '#test/lab/soap/decode.ts';
import { VimFault } from '#test/lab/soap/fault.ts';
import { escapeXml, parseXml, XmlError } from '#test/lab/soap/xml.ts';

function envelope(body: string): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body>${body}</s:Body></s:Envelope>`;
}

function decode(body: string): ReturnType<typeof decodeRequest> {
  return decodeRequest(parseXml(envelope(body)));
}

function refusal(body: string): string {
  try {
    decode(body);
  } catch (thrown) {
    assert.ok(thrown instanceof VimFault && thrown.type === 'InvalidRequest', String(thrown));
    return thrown.message;
  }
  return assert.fail('accepted');
}

const vm = '<_this type="VirtualMachine">vm-1</_this>';

test('a request is decoded with types, arrays and sub-types', () => {
  const request = decode(
    `<ReconfigVM_Task xmlns="urn:vim25">${vm}<spec><name>a &amp; b</name><numCPUs>2</numCPUs><deviceChange><operation>add</operation><device i:type="x:ParaVirtualSCSIController"><key>-5</key><busNumber>1</busNumber><sharedBus>noSharing</sharedBus></device></deviceChange><extraConfig><key>k</key><value i:type="xsd:string"> v </value></extraConfig></spec></ReconfigVM_Task>`,
  );
  assert.deepEqual(request.parameters, {
    spec: {
      $type: 'VirtualMachineConfigSpec',
      name: 'a & b',
      numCPUs: 2,
      deviceChange: [
        {
          $type: 'VirtualDeviceConfigSpec',
          operation: 'add',
          device: {
            $type: 'ParaVirtualSCSIController',
            key: -5,
            busNumber: 1,
            sharedBus: 'noSharing',
          },
        },
      ],
      extraConfig: [{ $type: 'OptionValue', key: 'k', value: ' v ' }],
    },
  });
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['unknown operation', `<Explode>${vm}</Explode>`, /method name Explode/],
  [
    '_this not first',
    '<PowerOnVM_Task><host type="HostSystem">h</host></PowerOnVM_Task>',
    /Got <host> tag when expecting <_this>/,
  ],
  [
    'wrong order',
    `<ReconfigVM_Task>${vm}<spec><numCPUs>1</numCPUs><name>x</name></spec></ReconfigVM_Task>`,
    /"name" seen out of order/,
  ],
  [
    'unknown element',
    `<ReconfigVM_Task>${vm}<spec><nome>x</nome></spec></ReconfigVM_Task>`,
    /Unexpected element tag "nome" seen/,
  ],
  [
    'repeated single element',
    `<Rename_Task>${vm}<newName>a</newName><newName>b</newName></Rename_Task>`,
    /"newName" seen/,
  ],
  ['missing parameter', `<Rename_Task>${vm}</Rename_Task>`, /Required property newName is missing/],
  [
    'base fields after own',
    `<ReconfigVM_Task>${vm}<spec><deviceChange><device i:type="VirtualDisk"><capacityInKB>1</capacityInKB><key>1</key></device></deviceChange></spec></ReconfigVM_Task>`,
    /"key" seen out of order/,
  ],
  [
    'foreign sub-type',
    `<ReconfigVM_Task>${vm}<spec><deviceChange><device i:type="OptionValue"><key>1</key></device></deviceChange></spec></ReconfigVM_Task>`,
    /OptionValue of <device> is not a VirtualDevice/,
  ],
  [
    'no number',
    `<ReconfigVM_Task>${vm}<spec><numCPUs>two</numCPUs></spec></ReconfigVM_Task>`,
    /"two" of <numCPUs> is not a number/,
  ],
  [
    'xsi:nil',
    `<ReconfigVM_Task>${vm}<spec><name i:nil="true"/></spec></ReconfigVM_Task>`,
    /xsi:nil/,
  ],
  [
    'untyped any',
    `<ReconfigVM_Task>${vm}<spec><extraConfig><key>k</key><value>v</value></extraConfig></spec></ReconfigVM_Task>`,
    /needs an xsi:type/,
  ],
];

for (const [title, body, reason] of refused)
  test(`refused as vCenter refuses it: ${title}`, () => {
    assert.match(refusal(body), reason);
  });

test('XML that is not well-formed is refused', () => {
  for (const bad of [
    '<a><b></a></b>',
    '<a',
    '<a x=1/>',
    '<a>&nope;</a>',
    '<a/><b/>',
    'text',
    '<!DOCTYPE a><a/>',
    '<a x="1" x="2"/>',
  ])
    assert.throws(() => parseXml(bad), XmlError, bad);
});

test('CDATA, comments, character references and prefixes are read', () => {
  const read = parseXml(
    '<?xml version="1.0"?><!-- x --><p:a xmlns:p="u" q="&#x41;&lt;"><![CDATA[<&]]>&#10;<b/></p:a>',
  );
  assert.equal(read.name, 'a');
  assert.equal(read.text, '<&\n');
  assert.equal(read.attributes.get('q'), 'A<');
  assert.equal(read.children.length, 1);
});

test('text survives writing and reading; what XML cannot hold becomes a question mark', () => {
  const hostile = '<![CDATA[x]]></annotation> & "quoted"\r\n\t\u{1f4be}';
  assert.equal(parseXml(`<a>${escapeXml(hostile)}</a>`).text, hostile);
  assert.equal(escapeXml('a\u0001b\uffff'), 'a?b?');
});
