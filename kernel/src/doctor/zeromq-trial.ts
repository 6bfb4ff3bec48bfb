import { Dealer, Router } from "zeromq";

// Run as a process of its own, because a native addon that does not fit can end the process that loads it.

const [router, dealer] = [new Router({ linger: 0 }), new Dealer({ linger: 0 })];
await router.bind("tcp://127.0.0.1:*");
dealer.connect(router.lastEndpoint!);
await dealer.send("are you there");
const [from, text] = await router.receive();
await router.send([from!, text!]);
const [answer] = await dealer.receive();
router.close();
dealer.close();
console.log(String(answer));
