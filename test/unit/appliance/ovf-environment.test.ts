import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOvfEnvironment, withoutValues } from '#appliance/firstboot/ovf-environment.ts';

/** In the manner of vCenter. */
const vcenter = `<?xml version="1.0" encoding="UTF-8"?>
<!-- <Property oe:key="hostname" oe:value="comment"/> -->
<Environment
     xmlns="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"
     xmlns:ve="http://www.vmware.com/schema/ovfenv"
     oe:id="" ve:vCenterId="vm-42">
   <PlatformSection><Kind>VMware ESXi</Kind><Version>8.0.2</Version></PlatformSection>
   <PropertySection>
         <Property oe:key="admin_password" oe:value="a&lt;b&gt;&amp;&quot;c&#39;d&#xe4;>"/>
         <Property oe:key="hostname" oe:value="bkp1.example"/>
         <Property oe:key="gateway" oe:value=""/>
   </PropertySection>
   <ve:EthernetAdapterSection>
      <ve:Adapter ve:mac="00:50:56:AA:bb:cc" ve:network="Management" ve:unitNumber="7"/>
      <ve:Adapter ve:mac="nonsense" ve:network="Other" ve:unitNumber="8"/>
   </ve:EthernetAdapterSection>
   <Entity oe:id="neighbour">
      <PropertySection><Property oe:key="hostname" oe:value="neighbour"/></PropertySection>
   </Entity>
</Environment>`;

test('reads the own properties and adapters, not the neighbours’ and not comments', () => {
  const { properties, macs } = parseOvfEnvironment(vcenter);
  assert.deepEqual(Object.fromEntries(properties), {
    admin_password: `a<b>&"c'dä>`,
    hostname: 'bkp1.example',
    gateway: '',
  });
  assert.deepEqual(macs, ['00:50:56:aa:bb:cc']);
});

test('reads another prefix, single quotes and elements with an end tag', () => {
  const { properties } = parseOvfEnvironment(
    `<x:Environment xmlns:x='e'><x:PropertySection><x:Property x:key='dns' x:value='1.1.1.1 "'></x:Property></x:PropertySection></x:Environment>`,
  );
  assert.deepEqual([...properties], [['dns', '1.1.1.1 "']]);
});

test('refuses what is no OVF environment', () => {
  for (const text of [
    '',
    'hello',
    '<html></html>',
    '<Environment><PropertySection></Environment>',
    '<Environment><PropertySection>',
    '<!DOCTYPE x [<!ENTITY a "b">]><Environment></Environment>',
    '<Environment></Environment><Environment></Environment>',
  ])
    assert.throws(() => parseOvfEnvironment(text), { code: 'invalid-input' }, text);
});

test('empties values by key and leaves all else as it was', () => {
  const wiped = withoutValues(vcenter, ['admin_password']);
  assert.equal(parseOvfEnvironment(wiped).properties.get('admin_password'), '');
  assert.doesNotMatch(wiped, /a&lt;b/);
  assert.equal(wiped.length, vcenter.length - 'a&lt;b&gt;&amp;&quot;c&#39;d&#xe4;>'.length);
  assert.equal(withoutValues(wiped, ['admin_password']), wiped);
});
