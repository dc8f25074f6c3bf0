import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { fetcher } from './fetcher.js';
import { TABS } from './tabs.js';

/** GraphiQL keeps its tabs here; the variables editor does not look at default tabs by itself. */
const isFirstVisit = localStorage.getItem('graphiql:tabState') === null;

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher,
    defaultTabs: TABS,
    ...(isFirstVisit ? { initialVariables: TABS[0].variables } : {}),
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
  }),
);
