import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createClientAsync, type Client } from 'soap';
import { normalise } from '#vsphere/decode.ts';
import { buildWsdl } from '#vsphere/schema/wsdl.ts';
import { at, type VimValue } from '#vsphere/value.ts';

let client: Client;

before(async () => {
  const options = {
    disableCache: true,
    preserveWhitespace: true,
    customDeserializer: { dateTime: String },
  };
  client = await createClientAsync(buildWsdl(), options);
});

/** Decodes one property value the way a call does, with the xsi prefix of the server's choice. */
function decodeVal(val: string, xsi = 'xsi'): VimValue | undefined {
  const envelope = `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:${xsi}="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><objects><obj type="VirtualMachine">vm-1</obj><propSet><name>p</name>${val}</propSet></objects></returnval></RetrievePropertiesExResponse></soapenv:Body></soapenv:Envelope>`;
  const decoded = client.wsdl.xmlToObject(envelope) as {
    Body: { RetrievePropertiesExResponse: { returnval: unknown } };
  };
  const answer = normalise(decoded.Body.RetrievePropertiesExResponse.returnval);
  const [object] = at(answer, 'objects') as readonly VimValue[];
  const [property] = at(object, 'propSet') as readonly VimValue[];
  return at(property, 'val');
}

for (const xsi of ['xsi', 'XMLSchema-instance', '_XMLSchema-instance'])
  test(`devices keep their types under the prefix ${xsi}`, () => {
    const value = decodeVal(
      `<val ${xsi}:type="ArrayOfVirtualDevice"><VirtualDevice ${xsi}:type="VirtualDisk"><key>2000</key><backing ${xsi}:type="VirtualDiskFlatVer2BackingInfo"><fileName>[a] b.vmdk</fileName><datastore type="Datastore">ds/x@y-1</datastore><thinProvisioned>true</thinProvisioned></backing><capacityInKB>4</capacityInKB><capacityInBytes>68719476736000</capacityInBytes></VirtualDevice></val>`,
      xsi,
    );
    assert.deepEqual(value, [
      {
        $type: 'VirtualDisk',
        key: 2000,
        backing: {
          $type: 'VirtualDiskFlatVer2BackingInfo',
          fileName: '[a] b.vmdk',
          datastore: { type: 'Datastore', value: 'ds/x@y-1' },
          thinProvisioned: true,
        },
        capacityInKB: 4,
        capacityInBytes: 68_719_476_736_000,
      },
    ]);
  });

test('scalars have their types, enumerations are text, dates stay as sent', () => {
  assert.equal(decodeVal('<val xsi:type="xsd:int">32</val>'), 32);
  assert.equal(decodeVal('<val xsi:type="xsd:boolean">true</val>'), true);
  assert.equal(decodeVal('<val xsi:type="xsd:boolean">false</val>'), false);
  assert.equal(decodeVal('<val xsi:type="xsd:long">1099511627776</val>'), 2 ** 40);
  assert.equal(decodeVal('<val xsi:type="xsd:string">007</val>'), '007');
  assert.equal(decodeVal('<val xsi:type="xsd:string"></val>'), '');
  assert.equal(decodeVal('<val xsi:type="TaskInfoState">success</val>'), 'success');
  assert.equal(
    decodeVal('<val xsi:type="xsd:dateTime">2026-11-22T10:00:00.123456Z</val>'),
    '2026-11-22T10:00:00.123456Z',
  );
});

test('references keep their type, with and without an xsi:type', () => {
  const reference = { type: 'HostSystem', value: 'host-1' };
  assert.deepEqual(
    decodeVal('<val type="HostSystem" xsi:type="ManagedObjectReference">host-1</val>'),
    reference,
  );
  assert.deepEqual(
    decodeVal(
      '<val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="HostSystem">host-1</ManagedObjectReference></val>',
    ),
    [reference],
  );
});

test('lists are lists with none, one and many, of known and unknown types', () => {
  assert.deepEqual(decodeVal('<val xsi:type="ArrayOfOptionValue"></val>'), []);
  assert.deepEqual(decodeVal('<val xsi:type="ArrayOfNovelty"><Novelty><a>1</a></Novelty></val>'), [
    { a: '1' },
  ]);
  assert.deepEqual(
    decodeVal('<val xsi:type="ArrayOfString"><string>a</string><string>b</string></val>'),
    ['a', 'b'],
  );
});

test('white space, entities and long text of option values survive', () => {
  const long = 'x'.repeat(200_000);
  const value = decodeVal(
    `<val xsi:type="ArrayOfOptionValue"><OptionValue xsi:type="OptionValue"><key>a</key><value xsi:type="xsd:string">  &lt;b&gt; &amp; ${long} </value></OptionValue></val>`,
  );
  assert.deepEqual(value, [{ $type: 'OptionValue', key: 'a', value: `  <b> & ${long} ` }]);
});
