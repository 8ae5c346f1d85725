declare module 'systemd-notify' {
  interface NotifyOptions {
    readonly ready?: boolean;
    readonly status?: string;
    readonly pid?: number;
  }
  export default function notify(options: NotifyOptions): Promise<unknown>;
}
