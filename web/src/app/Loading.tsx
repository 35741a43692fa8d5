import { useI18n } from "../shared/i18n/I18n";
import { ListSkeleton } from "../shared/ui/Skeleton";

/** Stands where a part of the page will be. */
export function Loading() {
  const { t } = useI18n();
  return <ListSkeleton rows={6} label={t("app.loading")} />;
}
