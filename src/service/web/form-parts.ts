import { z } from 'zod';

import {
  defaultTransportPolicy,
  transportChoices,
  type TransportChoice,
} from '#core/transport-plan.ts';

import type { Form } from './form-body.ts';
import { fromForm } from './form-body.ts';
import { html, type Html } from './html.ts';

/** The options of a select. */
export function choices(
  all: readonly { readonly id: string; readonly name: string }[],
  chosen: string | undefined,
): Html[] {
  return all.map(
    (c) =>
      html`<option value="${c.id}"${c.id === chosen ? html` selected` : null}>${c.name}</option>`,
  );
}

export function checked(on: boolean): Html | null {
  return on ? html` checked` : null;
}

const transportWords: Readonly<Record<TransportChoice, string>> = {
  'hotadd-vddk': "HotAdd by VMware's library",
  'hotadd-own': "HotAdd by coldframe's own attach",
  san: 'SAN (fibre channel or iSCSI)',
  nbdssl: 'network, encrypted (NBDSSL)',
  nbd: 'network, plain (NBD)',
};

export function transportName(choice: TransportChoice): string {
  return transportWords[choice];
}

/** Automatic, or one transport and no other. */
export function transportField(chosen = 'auto'): Html {
  const all = [
    { id: 'auto', name: 'automatic: the fastest that works' },
    ...transportChoices.map((id) => ({ id, name: `only ${transportWords[id]}` })),
  ];
  return html`<label>Transport<select name="transport">${choices(all, chosen)}</select></label>`;
}

const transportSchema = z.enum(['auto', ...transportChoices]);

export function transportsOf(form: Form): readonly TransportChoice[] {
  const chosen = fromForm(transportSchema, form.text('transport') || 'auto');
  return chosen === 'auto' ? defaultTransportPolicy : [chosen];
}
