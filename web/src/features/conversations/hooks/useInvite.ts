import { ApiError, type InvitePreview } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";

export type InviteState = { status: "loading" } | { status: "open"; preview: InvitePreview } | { status: "over" } | { status: "failed" };

/** What an invitation leads to; "over" also when there never was such a one. */
export function useInvite(inviteId: string): InviteState {
  const [state, setState] = useState<InviteState>({ status: "loading" });
  useEffect(() => {
    let stopped = false;
    api.invite(inviteId).then(
      (preview) => !stopped && setState({ status: "open", preview }),
      (error: unknown) => !stopped && setState({ status: error instanceof ApiError && error.status === 404 ? "over" : "failed" }),
    );
    return () => {
      stopped = true;
    };
  }, [inviteId]);
  return state;
}
