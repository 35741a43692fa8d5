import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { loadFirst } from "./app/parts";
import { startTheme } from "./shared/lib/preferences";
import { startWorker } from "./shared/lib/worker";

loadFirst();
startTheme();
startWorker();
const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
