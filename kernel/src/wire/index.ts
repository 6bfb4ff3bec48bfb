export {
  addressOf,
  type Channel,
  type ConnectionInfo,
  newConnection,
  readConnectionFile,
  writeConnectionFile,
} from "./connection.ts";
export { Codec, parseObject, type SealedMessage } from "./frames.ts";
export { type Header, type JsonObject, type Message, newHeader, newMessage, protocolVersion } from "./message.ts";
export { OrderedSender, type SendingSocket } from "./ordered-sender.ts";
