import { resolveLayout } from '../layout.ts';
import { startStores } from '../stores.ts';

const [dataDir, checkout] = process.argv.slice(2);
const layout = resolveLayout({ ...(dataDir ? { dataDir } : {}), ...(checkout ? { checkout } : {}) });
const stores = await startStores({ layout, environment: {}, postgresPort: 0, redisPort: 0 }, () => {});
console.log(JSON.stringify({ users: stores.databases.users, redis: stores.redis.url }));
