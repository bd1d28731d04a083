import type { GraphQLFieldResolver } from 'graphql';
import type { Relation } from '../resource.js';
import { Fault } from '../rest/fault.js';
import type { Row } from '../row.js';
import type { Context } from './context.js';
import { loadRelated, type Related, type RelationField, readRelated, rowsIn } from './related.js';

type Shown = Row | readonly Row[] | null;

/**
 * The resolver of a relation: null or rows; what is refused is null with a note, as the design's section 3 says. It waits
 * for nothing where the page has loaded what it needs before (`prime.ts`).
 */
export function relationResolver(
  typeName: string,
  fieldName: string,
  relation: Relation,
): GraphQLFieldResolver<Row, Context> {
  const name = `${typeName}.${fieldName}`;
  const field: RelationField = { typeName, relation };
  return (row, _args, context) => {
    const related = unlessRefused(context, name, () => context.ready && readRelated(context.ready, field, row));
    return related === undefined ? loadAndShow(context, name, field, row) : show(context, name, row, related);
  };
}

async function loadAndShow(context: Context, name: string, field: RelationField, row: Row): Promise<Shown> {
  const loaders = await context.loaders();
  await loadRelated(loaders, field, [row]);
  const related = unlessRefused(context, name, () => readRelated(loaders, field, row));
  if (related === undefined) throw new Error(`${name}: expected what was just loaded, found nothing`);
  return show(context, name, row, related);
}

/** Null with a note where OpenStack refuses the relation to the asker. */
function unlessRefused(context: Context, name: string, read: () => Related | undefined): Related | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'FORBIDDEN')) throw error;
    context.notes.refused(name, error);
    return { rows: null };
  }
}

function show({ notes, budget }: Context, name: string, row: Row, related: Related): Shown {
  const { rows } = related;
  if ('more' in related && related.more) notes.cut(name, String(row['id']), related.rows.length);
  return budget.show(rowsIn(related).length) ? rows : null;
}
