/** The definition of a custom attribute as clients see it. */
export function fieldDef(key: number, field: { name: string; moType: string | undefined }): object {
  return {
    $type: 'CustomFieldDef',
    key,
    name: field.name,
    type: 'string',
    managedObjectType: field.moType,
  };
}
