import { AdminApi } from "@chatconnect/protocol";
import { api } from "../../shared/api";

export const adminApi = new AdminApi(api);
