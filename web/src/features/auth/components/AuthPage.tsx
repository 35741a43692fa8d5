import type { ReactNode } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { localeNames, type Locale } from "../../../shared/i18n/translate";
import { Icon } from "../../../shared/ui/Icon";
import { Logo } from "../../../shared/ui/Logo";
import styles from "./AuthPage.module.css";

interface AuthPageProps {
  title: string;
  notice?: string | null;
  children: ReactNode;
  footer: ReactNode;
}

/** What registering and logging in have in common: the product on one side, the form on the other. */
export function AuthPage({ title, notice = null, children, footer }: AuthPageProps) {
  const { t } = useI18n();
  return (
    <main className={styles.page}>
      <div className={styles.side}>
        <div className={styles.brand}>
          <Logo size={36} />
          <span>ChatConnect</span>
        </div>
        <Illustration />
        <div className={styles.pitch}>
          <p className={styles.tagline}>{t("app.tagline")}</p>
          <p>{t("app.pitch")}</p>
        </div>
      </div>
      <div className={styles.form}>
        <div className={styles.column}>
          <div className={styles.smallBrand}>
            <Logo size={44} />
          </div>
          <h1 className={styles.title}>{title}</h1>
          {notice && (
            <p className={styles.notice} role="alert">
              {notice}
            </p>
          )}
          {children}
          <p className={styles.footer}>{footer}</p>
        </div>
        <LocaleChoice />
      </div>
    </main>
  );
}

function LocaleChoice() {
  const { t, locale, setLocale } = useI18n();
  return (
    <label className={styles.locale}>
      <Icon name="globe" size={18} />
      <span className="visually-hidden">{t("account.language")}</span>
      <select value={locale} onChange={(event) => setLocale(event.target.value as Locale)}>
        {Object.entries(localeNames).map(([value, name]) => (
          <option key={value} value={value} lang={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Two people's bubbles, passing a word to each other. */
function Illustration() {
  return (
    <svg className={styles.illustration} viewBox="0 0 420 300" aria-hidden="true" focusable="false">
      <g fill="none" stroke="#ffffff" strokeOpacity="0.14" strokeWidth="1.5">
        <circle cx="210" cy="150" r="70" />
        <circle cx="210" cy="150" r="108" />
        <circle cx="210" cy="150" r="146" />
      </g>
      <g>
        <path d="M84 70h128a22 22 0 0 1 22 22v22a22 22 0 0 1-22 22h-98l-26 20a5 5 0 0 1-8-4v-16a22 22 0 0 1-18-22V92a22 22 0 0 1 22-22z" fill="#ffffff" />
        <rect x="88" y="92" width="112" height="9" rx="4.5" fill="#0b7a75" fillOpacity="0.55" />
        <rect x="88" y="110" width="70" height="9" rx="4.5" fill="#0b7a75" fillOpacity="0.28" />
      </g>
      <g>
        <path d="M336 160H212a22 22 0 0 0-22 22v18a22 22 0 0 0 22 22h98l26 20a5 5 0 0 0 8-4v-16a22 22 0 0 0 14-20v-20a22 22 0 0 0-22-22z" fill="#ff9a7b" />
        <rect x="214" y="182" width="112" height="9" rx="4.5" fill="#5c1f0c" fillOpacity="0.6" />
        <rect x="214" y="200" width="70" height="9" rx="4.5" fill="#5c1f0c" fillOpacity="0.3" />
      </g>
      <g fill="#ffffff">
        <circle cx="92" cy="232" r="5" fillOpacity="0.9" />
        <circle cx="110" cy="232" r="5" fillOpacity="0.6" />
        <circle cx="128" cy="232" r="5" fillOpacity="0.3" />
      </g>
      <g transform="translate(318 74)">
        <circle r="24" fill="#ffffff" fillOpacity="0.16" />
        <path d="M-9 1l6 6L10-7" fill="none" stroke="#fff" strokeWidth="4" strokeLinecap="round" strokeLinejoin="round" />
      </g>
    </svg>
  );
}
