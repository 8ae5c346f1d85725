import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from '#service/web/html.ts';

test('values are escaped in text and in attributes', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  assert.equal(
    String(html`<p title="${name}">${name}</p>`),
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">' +
      '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
  );
});

test('templates nest without being escaped twice, lists are joined, nothing shows as nothing', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  assert.equal(
    String(html`<ul>${items}${null}${undefined}${false}${0}</ul>`),
    '<ul><li>a</li><li>&lt;b&gt;</li>0</ul>',
  );
});

test('an object that pretends to be a template is refused or escaped', () => {
  const fake = { toString: () => '<script>' } as unknown as string;
  assert.throws(() => String(html`${fake}`), TypeError);
});
