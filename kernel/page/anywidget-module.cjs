// The package anywidget is written for AMD loaders, though its manifest says that it is an ES module: its last statement
// hands define() a function, which is exported here instead.
module.exports = (source) => {
  const changed = source.replace(/\bdefine\(\["@jupyter-widgets\/base"\],\s*(\w+)\);?/, "export default $1;");
  if (changed === source) throw new Error("anywidget: its call of define() was not found. Has its form changed?");
  return changed;
};
