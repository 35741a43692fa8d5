import { useCallback } from "react";
import { useNavigate } from "react-router";
import { AdminPage } from "./parts";
import { useNotifications } from "./useNotifications";

/** The administration in the place of the conversations, which go on being heard. */
export function AdminScreen({ tab }: { tab: string | null }) {
  const navigate = useNavigate();
  const open = useCallback((id: string) => void navigate(`/c/${id}`), [navigate]);
  useNotifications(open);
  return <AdminPage tab={tab} onTab={(name) => void navigate(`/admin/${name}`, { replace: true })} />;
}
