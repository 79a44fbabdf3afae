package countersign;

import com.google.inject.multibindings.MapBinder;
import io.trino.plugin.deltalake.DeltaLakeConnectorFactory;
import io.trino.plugin.deltalake.transactionlog.writer.LocalTransactionLogSynchronizer;
import io.trino.plugin.deltalake.transactionlog.writer.TransactionLogSynchronizer;
import io.trino.spi.Plugin;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trino's Delta Lake connector as it is, with the one line that lets it commit to a local folder. The server brings the class for
 * that (Trino's own tests use it) and binds it to no scheme: without this, ALTER TABLE on `local:` ends with "local not supported".
 */
public final class LocalLakePlugin implements Plugin {
    @Override
    public Iterable<ConnectorFactory> getConnectorFactories() {
        return List.of(new ConnectorFactory() {
            @Override
            public String getName() {
                return "delta_lake_local";
            }

            @Override
            public Connector create(String catalog, Map<String, String> settings, ConnectorContext context) {
                return DeltaLakeConnectorFactory.createConnector(catalog, settings, context, Optional.empty(), binder ->
                        MapBinder.newMapBinder(binder, String.class, TransactionLogSynchronizer.class)
                                .addBinding("local").to(LocalTransactionLogSynchronizer.class));
            }
        });
    }
}
