/**
 * What generated games are used for: training the policy's weights, growing a bank, tuning, and testing.
 */
export type PanelName = 'policy' | 'bank' | 'development' | 'test';

export const panelNames: readonly PanelName[] = ['policy', 'bank', 'development', 'test'];
