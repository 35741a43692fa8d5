import type { Report, ReportOutcome } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useAttempt } from "../../../shared/ui/Toasts";

export interface Reports {
  /** The newest first; null while the first answer is under way. */
  reports: readonly Report[] | null;
  failed: boolean;
  hasMore: boolean;
  /** Loads what comes next, or what could not be loaded. */
  more(): Promise<void>;
  close(report: Report, outcome: ReportOutcome): Promise<void>;
}

interface Loaded {
  reports: readonly Report[] | null;
  cursor: string | null;
  failed: boolean;
}

/** What was reported, of one state. Mount it anew for the other. */
export function useReports(state: "open" | "closed"): Reports {
  const attempt = useAttempt();
  const [{ reports, cursor, failed }, setLoaded] = useState<Loaded>({ reports: null, cursor: null, failed: false });

  const load = useCallback(
    async (from: string | null) => {
      try {
        const page = await api.reports(state, { cursor: from });
        setLoaded((now) => ({ reports: [...(now.reports ?? []), ...page.reports], cursor: page.nextCursor, failed: false }));
      } catch {
        setLoaded((now) => ({ ...now, failed: true }));
      }
    },
    [state],
  );
  useEffect(() => {
    let stopped = false;
    api.reports(state).then(
      (page) => !stopped && setLoaded({ reports: page.reports, cursor: page.nextCursor, failed: false }),
      () => !stopped && setLoaded({ reports: null, cursor: null, failed: true }),
    );
    return () => {
      stopped = true;
    };
  }, [state]);

  const close = async (report: Report, outcome: ReportOutcome) => {
    if (!(await attempt(() => api.closeReport(report.id, outcome)))) return;
    // Who deletes a message closes every report of it.
    const isClosed = (one: Report) => one.id === report.id || (outcome === "deleted" && one.message.id === report.message.id);
    setLoaded((now) => ({ ...now, reports: now.reports?.filter((one) => !isClosed(one)) ?? null }));
  };
  return { reports, failed, hasMore: cursor !== null, more: () => load(cursor), close };
}
