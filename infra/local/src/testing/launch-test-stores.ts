import { startTestStores } from '../test-stores.ts';

const { adminUrl, redisUrl } = await startTestStores();
console.log(JSON.stringify({ adminUrl, redisUrl }));
