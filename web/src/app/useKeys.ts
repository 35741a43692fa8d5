import { useEffect, useEffectEvent } from "react";
import { useConversations } from "../features/conversations/hooks/useConversations";

interface Actions {
  onSearch(): void;
  onHelp(): void;
  onOpen(conversationId: string): void;
}

/** The keys that work everywhere: see ShortcutsDialog. */
export function useKeys(openId: string | null, { onSearch, onHelp, onOpen }: Actions): void {
  const conversations = useConversations();

  const pressed = useEffectEvent((event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key.toLowerCase() === "k" && (ctrlKey || metaKey) && !shiftKey && !altKey) onSearch();
    else if (step !== undefined && altKey && !ctrlKey && !metaKey && !shiftKey) {
      const at = conversations.findIndex(({ conversation }) => conversation.id === openId);
      const next = conversations[at === -1 ? 0 : at + step];
      if (next) onOpen(next.conversation.id);
    } else if (key === "?" && !ctrlKey && !metaKey && !altKey && !isWriting(event.target)) onHelp();
    else return;
    event.preventDefault();
  });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => pressed(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** A character that is typed into a field is no shortcut; neither is anything while a dialog is open. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}
