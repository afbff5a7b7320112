/** Which model a chat asks first: the usual order, or one of its own. A quiet control: most people never touch it. */
import type { Chat } from '../../../../contract/chats.ts';
import type { ModelInfo } from '../../../../contract/settings.ts';
import { patchChat } from './api.ts';

interface Props {
  chat: Chat;
  models: ModelInfo[];
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}

export function ModelPicker({ chat, models, onChanged, onProblem }: Props) {
  const usual = models.find((one) => one.default);
  if (!usual) return null;
  const own = models.find((one) => one.id === chat.model);
  const option = 'bg-raised text-ink';
  return (
    <label
      className="inline-flex h-6 min-w-0 items-center rounded-full border border-line-2 px-1 text-12 font-mid hover:bg-hover max-md:h-9"
      title={(own ?? usual).note}
    >
      <span className="sr">Model for this chat</span>
      <select
        value={chat.model ?? ''}
        onChange={(event) => patchChat(chat.id, { model: event.target.value || null }).then(onChanged, onProblem)}
        className="max-w-40 min-w-0 truncate rounded-full bg-transparent px-1"
      >
        <option value="" className={option}>
          {usual.name} (usual)
        </option>
        {chat.model !== null && !own && (
          <option value={chat.model} className={option}>
            {chat.model} (not there any more)
          </option>
        )}
        {models.map((one) => (
          <option key={one.id} value={one.id} disabled={!one.available} className={option}>
            {one.name}
            {one.available ? '' : ' (needs a key)'}
          </option>
        ))}
      </select>
    </label>
  );
}
