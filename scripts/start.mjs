// `npm start`: what a fresh clone needs, then the gateway in this very process, so that signals reach it directly.
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
await import('../dist/main.js');
