/**
 * A vim25 fault: thrown by operations (SOAP fault) and by vim tasks (TaskInfo.error).
 * `data` holds the fault type's own fields.
 */
export class VimFault extends Error {
  override readonly name = 'VimFault';
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.type = type;
    this.data = data;
  }

  /** As a LocalizedMethodFault. */
  localized(): object {
    return { fault: { $type: this.type, ...this.data }, localizedMessage: this.message };
  }
}

export function invalidArgument(property: string): VimFault {
  return new VimFault('InvalidArgument', `A specified parameter was not correct: ${property}`, {
    invalidProperty: property,
  });
}

export function invalidRequest(reason: string): VimFault {
  return new VimFault('InvalidRequest', reason);
}

export function fileFault(type: string, message: string, file: string): VimFault {
  return new VimFault(type, message, { file });
}
