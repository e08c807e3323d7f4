// What the pages do. It runs in them: nothing from outside is known here but `arrive`, `cut` and `report`.

/**
 * Says the numbers from 1 to `total` to the room, and hears those of both pages. Resolves when all
 * of them are said and heard, to what was counted; rejects when something is wrong.
 *
 * - A number is said when its request is answered. Requests are repeated: the server knows a number
 *   that it has told to the room, and does not tell it again. So each is heard once.
 * - Neither page is more than `ahead` numbers ahead of the other, so that the room's history holds
 *   what the other one misses.
 * - `cuts` are the numbers at which the connection is to be cut, all of them below `calm`. A cut
 *   happens while the page goes on, up to the number of the next one or to `calm`.
 * - Where the server has forgotten the room (`onResumed` says `lost`), numbers may be missing, or be
 *   told again.
 */
export async function exchange({ own, other, total, ahead, cuts, calm, options }) {
  const { connect } = await import("/client.js");
  const heard = { [own]: 0, [other]: 0 };
  const mayJump = new Set();
  const counts = { heard: 0, lost: 0, recovered: 0, connections: 0 };
  let position = [];
  let underWay = 0;
  let wake = () => {};
  let reject;
  const failure = new Promise((_, rejectIt) => (reject = rejectIt));
  failure.catch(() => {}); // it may come after the last wait
  const fail = (fault) => reject(new Error(`${own}: ${fault}`));
  const change = () => Promise.race([failure, new Promise((resolve) => (wake = resolve))]);

  const client = connect("numbers", { path: { room: "soak", from: own }, ...options });
  client.onState((state) => {
    if (state.name === "open") counts.connections += 1;
    if (state.name === "closed") fail(`closed: ${JSON.stringify(state)}`);
    report({ state: state.name, time: Date.now() });
  });
  client.onError(fail);
  client.onLagged((lagged) => fail(`lagged: ${JSON.stringify(lagged)}`));
  client.onResumed(({ recovered = 0, lost }) => {
    counts.recovered += recovered;
    if (!lost) return;
    counts.lost += 1;
    position = [];
    for (const name of [own, other]) mayJump.add(name);
  });
  client.on.said(({ from, number, $at }) => {
    const [epoch, offset] = $at.split(".");
    const isNext = number === heard[from] + 1 || mayJump.has(from);
    // The room remembers nothing else: what is missing or doubled here is so in the history, too.
    const isNextInRoom = position.length === 0 || (epoch === position[0] && Number(offset) === position[1] + 1);
    if (!isNext || !isNextInRoom) {
      fail(`${from}'s ${number} at ${$at} came after ${heard[from]} and ${position.join(".")}`);
    }
    mayJump.delete(from);
    heard[from] = number;
    position = [epoch, Number(offset)];
    counts.heard += 1;
    wake();
  });

  const say = async (number) => {
    underWay += 1;
    try {
      await client.request.say({ number }, { repeat: true, timeout: Infinity });
    } catch (error) {
      fail(`${number}: ${error}`);
    }
    underWay -= 1;
    wake();
  };

  // 0 is known already: its answer tells that this page is in the room.
  await say(0);
  await arrive();
  let cutIsOver = Promise.resolve();
  for (let number = 1; number <= total; number += 1) {
    while (underWay >= 10 || number > heard[other] + ahead) await change();
    const isCut = cuts.includes(number);
    if (isCut || number === calm) await cutIsOver;
    if (isCut) cutIsOver = cut(own).catch(fail);
    say(number);
  }
  while (underWay > 0 || heard[own] < total || heard[other] < total) await change();
  client.close();
  return counts;
}
