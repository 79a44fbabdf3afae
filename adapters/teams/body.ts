/** What we send to Teams: one Adaptive Card of schema 1.5, the highest that Teams takes from a bot, or plain text. */

export interface TeamsBody {
  /** What a notification shows; plain text of at most 400 characters. */
  summary: string;
  card?: AdaptiveCardJson;
  /** In the plain form of a message, which has no card: letters and line ends, sent with `textFormat: 'plain'`. */
  text?: string;
}

/** `json` of a card: the parts we use, as they are sent. */
export interface AdaptiveCardJson {
  type: 'AdaptiveCard';
  $schema: string;
  version: '1.5';
  /** For a client that cannot show cards. */
  fallbackText: string;
  body: CardElement[];
  actions?: CardAction[];
  msteams: { width: 'Full'; entities?: Mention[] };
}

export interface Mention {
  type: 'mention';
  /** As it stands in a text of the card, with `<at>` around it. */
  text: string;
  mentioned: { id: string; name: string };
}

/** A dialog; its height and width in pixels, the card in it has `Action.Submit` only. */
export interface TeamsDialog {
  title: string;
  height: number;
  width: number;
  card: AdaptiveCardJson;
}

export type Spacing = 'None' | 'Small' | 'Default' | 'Medium' | 'Large' | 'ExtraLarge' | 'Padding';
export type ContainerStyle = 'default' | 'emphasis' | 'accent' | 'good' | 'warning' | 'attention';

interface Element {
  id?: string;
  spacing?: Spacing;
  separator?: true;
  isVisible?: boolean;
}

export interface TextRun {
  type: 'TextRun';
  text: string;
  weight?: 'Bolder';
  size?: 'Small' | 'Medium' | 'Large';
  color?: 'Good' | 'Warning' | 'Attention' | 'Accent';
  fontType?: 'Monospace';
  isSubtle?: true;
  italic?: true;
  strikethrough?: true;
}

/** Text in which nothing is read as markup; every text that is not ours stands in one of these. */
export interface RichTextBlock extends Element {
  type: 'RichTextBlock';
  inlines: TextRun[];
}

/** Teams reads Markdown and mentions in it: for our own words only. */
export interface TextBlock extends Element {
  type: 'TextBlock';
  text: string;
  wrap: true;
  weight?: 'Bolder';
  isSubtle?: true;
}

export interface Container extends Element {
  type: 'Container';
  items: CardElement[];
  style?: ContainerStyle;
  bleed?: true;
}

export interface ActionSet extends Element {
  type: 'ActionSet';
  actions: CardAction[];
}

interface Input extends Element {
  id: string;
  label: string;
  isRequired?: true;
  errorMessage?: string;
}

export interface InputText extends Input {
  type: 'Input.Text';
  value?: string;
  placeholder?: string;
  isMultiline?: true;
  maxLength?: number;
  regex?: string;
}

export interface InputNumber extends Input {
  type: 'Input.Number';
  value?: number;
  min?: number;
  max?: number;
}

export interface InputChoiceSet extends Input {
  type: 'Input.ChoiceSet';
  style: 'compact';
  value?: string;
  choices: { title: string; value: string }[];
}

export type CardElement = RichTextBlock | TextBlock | Container | ActionSet | InputText | InputNumber | InputChoiceSet;

interface ActionBase {
  title: string;
  style?: 'positive' | 'destructive';
  /** Behind "More actions" instead of beside the others. */
  mode?: 'secondary';
  tooltip?: string;
}

export interface ExecuteAction extends ActionBase {
  type: 'Action.Execute';
  verb: string;
  data: ActionJson;
  /** `none`: what stands in the inputs is neither checked nor sent. */
  associatedInputs?: 'none';
}

export interface SubmitAction extends ActionBase {
  type: 'Action.Submit';
  data: ActionJson;
  associatedInputs?: 'none';
}

/** Folds and unfolds in the client alone; an edit of the message folds again. */
export interface ToggleAction extends ActionBase {
  type: 'Action.ToggleVisibility';
  targetElements: string[];
}

export type CardAction = ExecuteAction | SubmitAction | ToggleAction;

/** `data` of an action: ours under one name, so that no input can be taken for it. Read it back with `readCarried`. */
export interface ActionJson {
  cs: object;
  /** Teams opens a dialog instead of sending the data. */
  msteams?: { type: 'task/fetch' };
}
