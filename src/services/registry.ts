import type { Registry, Resource, ResourceName } from '../resource.js';
import { blockStorage } from './block-storage/index.js';
import { compute } from './compute/index.js';
import { identity } from './identity/index.js';
import { image } from './image/index.js';
import { network } from './network/index.js';

/** Every resource that stratograph knows. The compiler demands one for each type of `schema/` that is a `Resource`. */
export const registry: Registry = { ...compute, ...network, ...image, ...blockStorage, ...identity };

/** A descriptor as the stages use it: without the types that only its author needs. */
export type AnyResource = Resource & { readonly name: ResourceName };

/** The descriptor of `name`. */
export function resourceOf(name: ResourceName): AnyResource {
  return registry[name] as unknown as AnyResource;
}
