import { DefaultSchemaValidator, type ISettingRegistry } from "@jupyterlab/settingregistry";
import Ajv from "ajv";
import { defaultSettings, type Schema } from "./settings-defaults";

/**
 * Most settings are as they came with the page. For those JupyterLab need not compile each schema twice to find out
 * that nothing is wrong with nothing: that was a fifth of the page's start.
 */
export function settleDefaultsQuickly(): void {
  const addSchema = Ajv.prototype.addSchema;
  Ajv.prototype.addSchema = function (schema, key, meta, validate) {
    // The schema of schemas is JupyterLab's own, and the same every time.
    return addSchema.call(this, schema, key, meta, key === "jupyterlab-plugin-schema" ? false : validate);
  };
  const validateData = DefaultSchemaValidator.prototype.validateData;
  DefaultSchemaValidator.prototype.validateData = function (plugin: ISettingRegistry.IPlugin, populate = true) {
    if (plugin.raw.trim() !== "{}") return validateData.call(this, plugin, populate);
    if (populate) plugin.data = { composite: defaultSettings(plugin.schema as Schema) as never, user: {} };
    return null;
  };
}
