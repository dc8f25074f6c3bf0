import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isConnectionError, rawSql, sqlState } from '@tessera/service-kit/persistence';
import { aLedger, inUnit, sql, type TestLedger } from '../../test/a-ledger.ts';
import { cutOff } from '../../test/cut-off.ts';
import { createHintSwitch, type HintSwitch } from './hint-switch.ts';

let ledger: TestLedger;
const switches: HintSwitch[] = [];
beforeAll(async () => {
  ledger = await aLedger();
});
afterEach(async () => {
  await Promise.all(switches.splice(0).map((each) => each.close()));
});
afterAll(() => ledger.close());

function aSwitch(databaseUrl = ledger.config.databaseUrl): HintSwitch {
  const made = createHintSwitch(databaseUrl, 1);
  switches.push(made);
  return made;
}
const isOff = async () =>
  (await sql<{ off: boolean }>(ledger, 'select off_until > clock_timestamp() as off from balance_hint_switch'))[0]?.off;
const turnOn = () => sql(ledger, "update balance_hint_switch set off_until = '-infinity'");
const failureOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

describe('the switch', () => {
  it('MUST be turned off also where the database takes no new connection any more', async () => {
    const way = await cutOff(ledger.config.databaseUrl);
    const hintSwitch = aSwitch(way.url);
    await hintSwitch.turnOff();
    await turnOn();
    way.shut();
    await hintSwitch.turnOff();
    expect(await isOff()).toBe(true);
    await way.close();
  });

  it('is turned off on another connection where the kept one was lost', async () => {
    const hintSwitch = aSwitch();
    await hintSwitch.turnOff();
    await turnOn();
    await sql(ledger, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tessera-ledger-hint-switch'`);
    await hintSwitch.turnOff();
    expect(await isOff()).toBe(true);
  });

  it('MUST fail as a lost connection does, whatever the reason: what was to be committed is not to blame', async () => {
    const blocked = aSwitch();
    let release = (): void => undefined;
    const holding = inUnit(ledger, async ({ em }) => {
      await rawSql(em, 'update balance_hint_switch set off_until = off_until');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await sleep(200);
    const timedOut = await failureOf(blocked.turnOff());
    release();
    await holding;
    const way = await cutOff(ledger.config.databaseUrl);
    way.cut();
    const unreachable = await failureOf(aSwitch(way.url).turnOff());
    await way.close();
    for (const error of [timedOut, unreachable]) expect([isConnectionError(error), sqlState(error)]).toEqual([true, '08006']);
    await blocked.turnOff();
  });
});
