// The demo cloud in a process of its own, for the load test: prints where its Keystone is, and ends with its parent.
import { createDemoCloud } from '../../dist/demo/index.js';

const cloud = await createDemoCloud({ delays: { min: 2, max: 20 } });
console.log(`cloud ${cloud.authUrl}`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
