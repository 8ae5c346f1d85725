import type { Context } from 'koa';

import type { SignIn } from '../auth/sign-ins.ts';
import type { Form } from './form-body.ts';
import type { Html } from './html.ts';
import type { PageFrame } from './layout.ts';

/** What a page handler is given: who asks, what was posted, and how to answer. */
export interface PageContext {
  readonly koa: Context;
  readonly signIn: SignIn;
  /** Aborts when the reader goes away. */
  readonly signal: AbortSignal;
  readonly form: Form | undefined;
  /** False once the reader has signed out or their time is over: live pages end then. */
  readonly stillSignedIn: () => boolean;
  readonly query: (name: string) => string;
  readonly params: Readonly<Record<string, string>>;
  readonly show: (frame: Omit<PageFrame, 'user' | 'csrf'>, content: Html) => void;
  /** After a post: the next page, reloadable without posting again. */
  readonly goTo: (path: string) => void;
}

export type PageHandler = (context: PageContext) => Promise<void> | void;

export interface PageRoute {
  readonly method: 'GET' | 'POST';
  /** As registered: "/jobs/:id". */
  readonly path: string;
}
