import { gapText } from '#core/privilege-gaps.ts';
import { Secret } from '#core/secret.ts';

import type { PageContext } from '../page-context.ts';
import { settingsPage, type SettingsView } from '../pages/settings.ts';
import type { Room } from './room.ts';

type Extra = Pick<SettingsView, 'confirm' | 'said'>;

export function settingsRoutes(room: Room): void {
  const { services, slow } = room;
  room.get('/settings', (context) => showSettings(room, context, {}));
  room.post('/settings/endpoints/look', async (context) => {
    const { form, signal } = context;
    const address = form.required('address', 'The address');
    const [name, user] = [form.required('name', 'The name'), form.required('user', 'The user')];
    const certificate = await services.probeCertificate(address, signal);
    await showSettings(room, context, { confirm: { certificate, name, user } });
  });
  room.post('/settings/endpoints', async ({ form, signal, goTo }) => {
    await services.endpoints.add(
      {
        name: form.required('name', 'The name'),
        address: form.required('address', 'The address'),
        user: form.required('user', 'The user'),
        password: new Secret(form.raw('password')),
        thumbprint: form.required('thumbprint', 'The thumbprint'),
      },
      signal,
    );
    slow.forget();
    goTo('/vms');
  });
  room.post('/settings/endpoints/:id/test', async (context) => {
    const { params, signal } = context;
    const test = await services.endpoints.test(params['id'] ?? '', signal);
    slow.forget();
    const lacking = (test.privilegeGaps ?? []).filter(({ optional }) => !optional).map(gapText);
    const answer = `${test.endpoint.name} answers: ${test.product}, ${test.vmCount} VMs.`;
    await showSettings(room, context, {
      said:
        lacking.length === 0
          ? { tone: 'good', text: answer }
          : { tone: 'bad', text: `${answer} Its account lacks ${lacking.join('; ')}.` },
    });
  });
  room.post('/settings/endpoints/:id/remove', async ({ params, goTo }) => {
    await services.endpoints.remove(params['id'] ?? '');
    goTo('/settings');
  });
}

async function showSettings(
  { services }: Room,
  { show, signIn }: PageContext,
  extra: Extra,
): Promise<void> {
  const [endpoints, vddk] = await Promise.all([services.endpoints.list(), services.vddkStatus()]);
  show(
    { title: 'Settings', room: '/settings' },
    settingsPage({ endpoints, vddk, csrf: signIn.csrf, ...extra }),
  );
}
