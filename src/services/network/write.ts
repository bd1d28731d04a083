type Written = (value: string | null) => Readonly<Record<string, unknown>>;

/** Neutron refuses null for its texts (neutron_lib/api/validators, type:string): the empty text is its way to say none. */
export function text(wireName: string): Written {
  return (value) => ({ [wireName]: value ?? '' });
}

/** What nearly every resource of Neutron has. */
export const named = { name: text('name'), description: text('description') };
