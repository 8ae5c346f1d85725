import type { Notice } from '#core/notice.ts';

export function sampleNotice(more: Partial<Notice> = {}): Notice {
  return {
    id: 'n1',
    kind: 'run',
    severity: 'failure',
    timeMs: Date.UTC(2027, 0, 2, 3, 4, 5),
    title: 'Back up web-1 failed',
    text: 'web-1 failed\n  The datastore is full.',
    ...more,
  };
}
