import type { FormattedExecutionResult } from 'graphql';
import { WrittenData } from './parts.js';

/** An answer as Apollo Server writes it by itself, written data included. */
export function writeAnswer(answer: FormattedExecutionResult): string {
  const { data, ...others } = answer;
  if (!(data instanceof WrittenData)) return `${JSON.stringify(answer)}\n`;
  const rest = JSON.stringify(others);
  return `{"data":${data.json}${rest === '{}' ? '}' : `,${rest.slice(1)}`}\n`;
}
