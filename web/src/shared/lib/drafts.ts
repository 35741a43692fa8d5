import { useSyncExternalStore } from "react";

/** What a person has begun to write, by conversation; survives a reload. */
const PREFIX = "chatconnect.draft.";
const listeners = new Set<() => void>();

function key(userId: string, conversationId: string): string {
  return `${PREFIX}${userId}.${conversationId}`;
}

export function readDraft(userId: string, conversationId: string): string {
  return localStorage.getItem(key(userId, conversationId)) ?? "";
}

export function writeDraft(userId: string, conversationId: string, text: string): void {
  if (text.trim() === "") localStorage.removeItem(key(userId, conversationId));
  else localStorage.setItem(key(userId, conversationId), text);
  for (const listener of listeners) listener();
}

export function forgetDrafts(userId: string): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(`${PREFIX}${userId}.`)) localStorage.removeItem(name);
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab tells only those who listen.
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useDraft(userId: string, conversationId: string): string {
  return useSyncExternalStore(subscribe, () => readDraft(userId, conversationId));
}
