import type { Router } from '@koa/router';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { backupOrderSchema } from '../../operations/backups.ts';
import { findRestorePoint } from '../../operations/restore-points.ts';
import { restoreOrderSchema } from '../../operations/restores.ts';
import { signedIn, type PageContext } from '../context.ts';
import type { Form } from '../form-body.ts';
import type { WebServices } from '../services.ts';
import type { SignIns } from '../sign-ins.ts';
import { showSettings } from './pages.ts';

type PostHandler = (context: PageContext & { readonly form: Form }) => Promise<void>;

/** Everything that changes something. Each ends on a page that can be reloaded. */
export function actionRoutes(router: Router, services: WebServices, signIns: SignIns): void {
  const post = (path: string, handler: PostHandler): unknown =>
    router.post(
      path,
      signedIn(signIns, (context) => handler({ ...context, form: context.form! })),
    );

  post('/vms/back-up', async ({ form, signal, goTo }) => {
    const order = backupOrderSchema.parse({
      endpoint: form.required('endpoint', 'The endpoint'),
      repository: form.required('repository', 'The repository'),
      vms: [{ moref: form.required('vm', 'The VM') }],
    });
    goTo(`/runs/${(await services.backUp(order, signal)).id}`);
  });
  post('/runs/:id/cancel', async ({ params, goTo }) => {
    goTo(`/runs/${(await services.cancel(params['id'] ?? '')).id}`);
  });
  post('/restore-points/:id/verify', async ({ params, goTo }) => {
    goTo(`/runs/${(await services.verify(params['id'] ?? '')).id}`);
  });
  post('/restore-points/:id/restore', async ({ params, form, signal, goTo }) => {
    const point = await findRestorePoint(services.points, params['id'] ?? '');
    const inPlace = form.text('target') === 'in-place';
    if (inPlace && form.text('confirm') !== point.header.vm.name)
      throw new ColdframeError(
        'invalid-input',
        `Nothing was done. To overwrite the disks of ${point.header.vm.name}, type its name into the field.`,
      );
    const order = restoreOrderSchema.parse({
      restorePoint: point.header.id,
      target: inPlace
        ? { kind: 'in-place' }
        : { kind: 'new-vm', name: form.required('name', 'The name of the new VM') },
    });
    goTo(`/runs/${(await services.restore(order, signal)).id}`);
  });
  post('/repositories', async ({ form, signal, goTo }) => {
    const wanted = {
      name: form.required('name', 'The name'),
      root: form.required('root', 'The folder'),
    };
    await services.repositories.add(wanted, signal);
    goTo('/repositories');
  });
  post('/repositories/:id/rebuild', async ({ params, signal, goTo }) => {
    await services.repositories.rebuild(params['id'] ?? '', signal);
    goTo('/repositories');
  });
  post('/health/recover', async ({ signal, goTo }) => {
    await services.recover(signal);
    goTo('/health');
  });
  post('/settings/endpoints/look', async (context) => {
    const { form, signal } = context;
    const address = form.required('address', 'The address');
    const certificate = await services.probeCertificate(address, signal);
    await showSettings(services, context, {
      certificate,
      name: form.required('name', 'The name'),
      user: form.required('user', 'The user'),
    });
  });
  post('/settings/endpoints', async ({ form, signal, goTo }) => {
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
    goTo('/vms');
  });
}
