import { reaches, type UserRole } from '#core/user.ts';

import { pageRouteOf, roleNeeded, type Method } from '../auth/permissions.ts';

const postForm = /<form\b([^>]*\bmethod="post"[^>]*)>[^]*?<\/form>/g;
const buttonLink = /<a class="button[^"]*" href="([^"]*)">[^]*?<\/a>/g;

/**
 * The page without the forms and the link buttons that this reader may not use. All of ours are
 * written as `<form … method="post" action="…">` and `<a class="button …" href="…">`, and values in
 * them are escaped, so that no name can look like one. The server refuses such a post anyhow.
 */
export function onlyPermitted(page: string, role: UserRole): string {
  if (role === 'administrator') return page;
  const may = (method: Method, address: string): boolean => {
    const path = address.split('?')[0]!.replace(/^\/live\//, '/');
    return reaches(role, roleNeeded('page', method, pageRouteOf(method, path)));
  };
  return page
    .replaceAll(postForm, (form, attributes: string) => {
      const action = /\baction="([^"]*)"/.exec(attributes)?.[1] ?? '';
      if (may('POST', action)) return form;
      return attributes.includes('class="fields')
        ? `<p class="quiet">Your role (${role}) does not include this.</p>`
        : '';
    })
    .replaceAll(buttonLink, (link, href: string) => (may('GET', href) ? link : ''));
}
