// What the page of the test loads, bundled.
import { data, runCard } from "gradbook";
import { lossesOn } from "./net.ts";

interface ShaderMaker {
  createShaderModule(options: { readonly code: string }): object;
}

const shaders: string[] = [];
const { GPUDevice } = globalThis as unknown as { GPUDevice: { prototype: ShaderMaker } };
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (options) {
  shaders.push(options.code);
  return createShaderModule.call(this, options);
};

Object.assign(globalThis, { inPage: { lossesOn, shaders, mnist: () => data.mnist(), card: () => runCard() } });
