import { LOOPBACK } from '../ports.ts';

/**
 * Server settings, given on the command line so that they hold for old data directories too. Memory is sized for the
 * whole stack to stay below 1 GB resident: five pools, no parallel queries.
 * @param isDurable false only for test stores, which nobody minds losing with the machine. A commit then still waits
 *   for its record to be written (synchronous_commit stays on), so what the code sees is the same; only a power cut
 *   would lose data.
 */
export function serverSettings(port: number, isDurable: boolean): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: LOOPBACK,
    // TCP only: the folder for sockets is often missing, shared or not writable for the server's user.
    unix_socket_directories: '',
    max_connections: '200',
    password_encryption: 'scram-sha-256',
    fsync: onOff(isDurable),
    full_page_writes: onOff(isDurable),
    synchronous_commit: 'on',
    shared_buffers: '128MB',
    effective_cache_size: '512MB',
    work_mem: '4MB',
    maintenance_work_mem: '64MB',
    // A batch of the ledger writes several MB of log at once; without room for it every page would often be logged whole again.
    wal_buffers: '16MB',
    min_wal_size: '64MB',
    max_wal_size: '2GB',
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    autovacuum_max_workers: '2',
    io_workers: '2',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_line_prefix: '%m [%p] %q%u@%d ',
  };
}

export function asArguments(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function onOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}
