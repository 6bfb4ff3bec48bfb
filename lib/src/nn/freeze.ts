import { type PathPattern, placesMatching } from "../gradient/paths.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Module, places, setFrozen } from "./module.ts";

/**
 * Leaves parameters out of training, by path pattern, all of them if none is said: they get no gradient and no memory of an
 * optimiser. Frozen running statistics stay, and their normalisation works as outside of training. Gives the model back.
 * Throws an `ArgumentError` for a pattern that matches nothing.
 *
 * @example
 * ```ts
 * import { nn } from "gradbook";
 *
 * const net = nn.init(new nn.Sequential([new nn.Linear(2, 3), new nn.Linear(3, 1)]), { seed: 1 });
 * nn.freeze(net, "0");
 * nn.parameters(net).filter(({ frozen }) => !frozen).map(({ path }) => path); // ["1.weight", "1.bias"]
 * nn.unfreeze(net, "*.bias");
 * ```
 */
export function freeze<M extends Module>(model: M, pattern: PathPattern = "*"): M {
  return marked("nn.freeze", model, pattern, true);
}

/** Lets frozen parameters train again, by path pattern, all of them if none is said. */
export function unfreeze<M extends Module>(model: M, pattern: PathPattern = "*"): M {
  return marked("nn.unfreeze", model, pattern, false);
}

function marked<M extends Module>(who: string, model: M, pattern: PathPattern, value: boolean): M {
  const all = places(model, { aliases: true }).filter(({ role }) => role !== null);
  const meant = new Set<Tensor>(placesMatching(who, all, pattern).map(({ get }) => get()));
  // What is shared is frozen as a whole, or it would fall apart.
  for (const { module, name, get } of all) if (meant.has(get())) setFrozen(module, name, value);
  return model;
}
