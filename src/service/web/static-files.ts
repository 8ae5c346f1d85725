import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import type { Middleware } from 'koa';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The few files of static/, read once; names from outside are only looked up, never joined to a path. */
export function staticFiles(folder = join(import.meta.dirname, 'static')): Middleware {
  const files = new Map(
    readdirSync(folder).map((name) => {
      const body = readFileSync(join(folder, name));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      return [`/static/${name}`, { body, etag, type: types[extname(name)] ?? 'text/plain' }];
    }),
  );
  return async (context, next) => {
    const file = files.get(context.path);
    const asked = context.method === 'GET' || context.method === 'HEAD';
    if (file === undefined || !asked) {
      await next();
      return;
    }
    context.type = file.type;
    context.set('ETag', file.etag);
    context.set('Cache-Control', 'no-cache');
    context.status = 200;
    if (context.fresh) context.status = 304;
    else context.body = file.body;
  };
}
