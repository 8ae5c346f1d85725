import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutProperty } from '#vsphere/raw-property.ts';
import { envelope } from './scripted-server.ts';

function answer(propSet: string): string {
  return envelope(
    `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><objects><obj type="S" xmlns:gone="urn:gone">s-1</obj>${propSet}</objects></returnval></RetrievePropertiesExResponse>`,
  );
}

test('a value becomes a document with the namespaces that were in scope', () => {
  const inner = '<name>a &lt;/val&gt; b</name><x xsi:type="Y">  1 </x>\n';
  const xml = cutProperty(
    answer(`<propSet><name>config</name><val xsi:type="C">${inner}</val></propSet>`),
    'config',
  );
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>\n<config xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:vim25" xsi:type="C">${inner}</config>\n`,
  );
});

test('declarations on the value itself win, and those of closed elements are gone', () => {
  const val =
    '<val xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="C"><val>inner</val></val>';
  const xml = cutProperty(answer(`<propSet><name>config</name>${val}</propSet>`), 'config');
  assert.equal(xml.match(/xmlns:xsi=/g)!.length, 1);
  assert.doesNotMatch(xml, /gone/);
  assert.match(xml, /<val>inner<\/val><\/config>/);
});

test('an empty value is one, a missing or a second one is an error', () => {
  assert.match(
    cutProperty(answer('<propSet><name>config</name><val/></propSet>'), 'config'),
    /<config [^>]*><\/config>/,
  );
  assert.throws(() => cutProperty(answer(''), 'config'), /no property value/);
  const one = '<propSet><name>config</name><val>1</val></propSet>';
  assert.throws(() => cutProperty(answer(one + one), 'config'), /more than one/);
});
