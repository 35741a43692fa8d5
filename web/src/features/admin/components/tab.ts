import type { Server } from "@chatconnect/protocol";

/** What every tab of the administration is given. */
export interface TabProps {
  server: Server;
  /** What the server says of itself may have changed: the registration, or one's own right. */
  onServer(): void;
}
